// For every processor.
#include "fused_kernels_body.h"
#include "fused_attention_body.h"
#include "fused_kernel_table.h"

const isa4d::fused::Kernels isa4d::fused::default_kernels = isa4d::fused::kernels;
