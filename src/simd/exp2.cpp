#include "exp2.hpp"

namespace qkv {

#define QKV_REPEAT(X) {X, X, X, X, X, X, X, X}

Exp2Constant exp2_least = QKV_REPEAT(-151.0F); // whose power, as computed, is 0
Exp2Constant exp2_magic = QKV_REPEAT(12582912.0F + 127.0F + 24.0F);
Exp2Constant exp2_half = QKV_REPEAT(0.5F);
Exp2Constant exp2_one = QKV_REPEAT(1.0F);
Exp2Constant exp2_p0 = QKV_REPEAT(0x1.8b90cp-3F);
Exp2Constant exp2_p1 = QKV_REPEAT(0x1.ebfbep-3F);
Exp2Constant exp2_p2 = QKV_REPEAT(0x1.c6af9cp-5F);
Exp2Constant exp2_p3 = QKV_REPEAT(0x1.3b2a48p-7F);
Exp2Constant exp2_p4 = QKV_REPEAT(0x1.5ef5dp-10F);
Exp2Constant exp2_p5 = QKV_REPEAT(0x1.442512p-13F);

// 2^24 times the coefficients of q.
Exp2Constant exp2_up_q0 = QKV_REPEAT(0x1.62e43p23F);
Exp2Constant exp2_up_q1 = QKV_REPEAT(0x1.ebfbep21F);
Exp2Constant exp2_up_q2 = QKV_REPEAT(0x1.c6af9cp19F);
Exp2Constant exp2_up_q3 = QKV_REPEAT(0x1.3b2a48p17F);
Exp2Constant exp2_up_q4 = QKV_REPEAT(0x1.5ef5dp14F);
Exp2Constant exp2_up_q5 = QKV_REPEAT(0x1.442512p11F);
Exp2Constant exp2_up_one = QKV_REPEAT(0x1p24F);

} // namespace qkv
