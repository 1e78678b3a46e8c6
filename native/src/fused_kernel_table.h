// The table of one kind of processor's kernels, after the files that hold them.
namespace isa4d::fused {
inline namespace CPU_CAPABILITY {

constexpr Kernels kernels = {
    &norm_modulate, &norm_modulate_backward, &add_gated, &add_gated_backward, &gelu, &gelu_backward,
    &rotary, &attention_scratch, &attention, &attention_backward,
};

}  // namespace CPU_CAPABILITY
}  // namespace isa4d::fused
