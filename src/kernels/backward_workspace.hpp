// The scratch memory of the backward pass of one block of rows.
#pragma once

#include "workspace.hpp"

namespace qkv::QKV_TARGET {

struct BackwardWorkspace {
  Workspace forward; ///< its scores are scores, then weights p

  float* query_sums;       ///< dQ: [D][block_rows]
  float* gradients;        ///< dO·V, then ds: laid out as the scores
  float* capped;           ///< the scores after softcap, laid out as they are
  float* output_gradients; ///< dO packed as queries are: [Dv][block_rows]
  float* outputs;          ///< O, packed the same way
  float* query_panels;     ///< Q and dO as panels (key_gradients.hpp)
  float* gradient_panels;
  float* key_sums; ///< [block_keys][block_rows]: what a block of rows adds to a panel

  // Of each row: p = inverse_sum·exp2_scale·exp(s − max).
  float* max;
  float* inverse_sum;
  float* delta;      ///< dO·O
  float* delta_rest; ///< what it lacks, where that is known
  double* slope_sums;

  BackwardWorkspace(const Extents& extents, Arena& memory) : forward(extents, memory) {
    const std::ptrdiff_t rows = block_rows;
    memory.take(query_sums, rows * round_up(extents.depth, lane_count));
    for (float** array : {&gradients, &capped, &key_sums})
      memory.take(*array, rows * block_keys);
    for (float** array : {&output_gradients, &outputs})
      memory.take(*array, rows * forward.value_columns);
    memory.take(query_panels, rows * round_up(extents.depth, block_rows));
    memory.take(gradient_panels, rows * round_up(extents.value_depth, block_rows));
    for (float** array : {&max, &inverse_sum, &delta, &delta_rest})
      memory.take(*array, rows);
    memory.take(slope_sums, rows);
  }
};

} // namespace qkv::QKV_TARGET
