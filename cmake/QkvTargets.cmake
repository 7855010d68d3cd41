# QKV_TARGETS: the instruction sets of src/targets/arch.hpp that this build holds, from the slowest to
# the fastest, and the compiler's flags for each.
if(EMSCRIPTEN)
  set(QKV_VARIANT simd CACHE STRING "The variant of a WebAssembly module: scalar, simd or relaxed")
  set(QKV_TARGETS ${QKV_VARIANT})
  if(QKV_VARIANT STREQUAL relaxed)
    set(QKV_TARGETS fused)
  endif()
  set(QKV_FLAGS_simd -msimd128)
  set(QKV_FLAGS_fused -msimd128 -mrelaxed-simd)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  set(QKV_TARGETS scalar simd fused)
  set(QKV_FLAGS_simd -msse4.2)
  set(QKV_FLAGS_fused -mavx2 -mfma)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(QKV_TARGETS scalar simd fused)
else()
  set(QKV_TARGETS scalar)
endif()

# The list in C++: QKV_FOR_EACH_TARGET(DO) is "DO(scalar) DO(simd) …".
list(TRANSFORM QKV_TARGETS REPLACE "(.+)" "DO(\\1)" OUTPUT_VARIABLE QKV_FOR_EACH_TARGET)
list(JOIN QKV_FOR_EACH_TARGET " " QKV_FOR_EACH_TARGET)
set(QKV_FOR_EACH_TARGET "-DQKV_FOR_EACH_TARGET(DO)=${QKV_FOR_EACH_TARGET}")
