// The values of exp2's constants, where compilers of kernels cannot see them.
#include "exp2_constants.hpp"

namespace qkv {

#define QKV_REPEAT(X) {X, X, X, X, X, X, X, X}

Exp2Constant exp2_least = QKV_REPEAT(-151.0F); // whose power, as computed, is 0
Exp2Constant exp2_magic = QKV_REPEAT(12582912.0F + 127.0F + 24.0F);
Exp2Constant exp2_half = QKV_REPEAT(0.5F);
Exp2Constant exp2_one = QKV_REPEAT(1.0F);
Exp2Constant exp2_q[6] = {QKV_REPEAT(0x1.442512p-13F), QKV_REPEAT(0x1.5ef5dp-10F),
                          QKV_REPEAT(0x1.3b2a48p-7F),  QKV_REPEAT(0x1.c6af9cp-5F),
                          QKV_REPEAT(0x1.ebfbep-3F),   QKV_REPEAT(0x1.8b90cp-3F)};
Exp2Constant exp2_scaled_p[7] = {QKV_REPEAT(0x1.442512p11F), QKV_REPEAT(0x1.5ef5dp14F),
                                 QKV_REPEAT(0x1.3b2a48p17F), QKV_REPEAT(0x1.c6af9cp19F),
                                 QKV_REPEAT(0x1.ebfbep21F),  QKV_REPEAT(0x1.62e43p23F),
                                 QKV_REPEAT(0x1p24F)};

} // namespace qkv
