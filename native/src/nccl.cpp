// NCCL, where libtorch has CUDA and its headers and NCCL's are there to compile against.
#include "process_group.h"

#ifdef ISA4D_NCCL

#include <c10/cuda/CUDAFunctions.h>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

namespace isa4d {

c10::intrusive_ptr<c10d::Backend> new_nccl(
    const c10::intrusive_ptr<c10d::Store>& store, int rank, int world, int device) {
  c10::cuda::set_device(static_cast<c10::DeviceIndex>(device));
  auto options = c10d::ProcessGroupNCCL::Options::create();
  // Gradients should not wait behind the kernels of the backward pass that goes on.
  options->is_high_priority_stream = true;
  auto backend = c10::make_intrusive<c10d::ProcessGroupNCCL>(store, rank, world, options);
  backend->setBoundDeviceId(at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(device)));
  return backend;
}

}  // namespace isa4d

#else

namespace isa4d {

c10::intrusive_ptr<c10d::Backend> new_nccl(
    const c10::intrusive_ptr<c10d::Store>&, int, int, int) {
  TORCH_CHECK_NOT_IMPLEMENTED(
      false,
      "ranks on CUDA devices need NCCL, which this build has not: it takes a libtorch with CUDA and "
      "the headers of NCCL and of the CUDA runtime");
}

}  // namespace isa4d

#endif
