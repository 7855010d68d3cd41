// Scaled dot-product attention: the public interface of the core.
//
//     O = softmax(scale·Q·Kᵀ)·V
//
// Blocks of keys and an online softmax (Milakov & Gimelshein, arXiv:1805.02867; FlashAttention,
// arXiv:2205.14135) keep the memory beyond inputs and output independent of L and S, unless scores
// or weights are captured. float32 in and out. Nothing here allocates, throws or locks.
//
//     Problem problem = ...;
//     if (Status status = validate(problem); !status.ok()) ...
//     std::vector<std::byte> workspace(workspace_bytes(problem));
//     attend(problem, workspace.data());
#pragma once

#include "operations/attend.hpp"
#include "operations/target.hpp"
#include "problem/problem.hpp"
#include "problem/validate.hpp"
