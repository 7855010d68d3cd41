// The operations of one target, as target.hpp lists them. The other files define them, each in the
// target's namespace.
#include "target.hpp"

namespace qkv::QKV_TARGET {

[[nodiscard]] std::size_t workspace_bytes(const Problem& problem);
void attend(const Problem& problem, std::byte* workspace);
void trace(const Problem& problem, const Trace& to, std::byte* workspace);
void merge(const Extents& extents, std::span<const MergePart> parts, Tensor<float> output,
           float* log_sum_exp);

#define QKV_TEXT(NAME) #NAME
#define QKV_NAME(NAME) QKV_TEXT(NAME)

extern const Target target;
const Target target = {.name = QKV_NAME(QKV_TARGET),
                       .workspace_bytes = workspace_bytes,
                       .attend = attend,
                       .trace = trace,
                       .merge = merge};

} // namespace qkv::QKV_TARGET
