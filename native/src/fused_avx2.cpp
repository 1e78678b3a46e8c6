// For x86-64 with AVX2 and FMA; CMakeLists.txt gives the flags.
#include "fused_kernels_body.h"
#include "fused_attention_body.h"
#include "fused_kernel_table.h"

const isa4d::fused::Kernels isa4d::fused::avx2_kernels = isa4d::fused::kernels;
