// SPDX-License-Identifier: MIT
// Operations one after the other: each is carried out to its end before another CPU begins its
// next, in an order that the seed says. What waits for another CPU (an IPI, hot-unplug) lets that
// one go on for as long as it has to. So a schedule is the same history under every scheme, however
// many accesses each of them makes; explicit decisions, which name accesses, have no part in it.
#pragma once

#include <memory>

#include "core/harness/strategy.h"

namespace lazymm
{

std::unique_ptr<Strategy> make_in_turn();

} // namespace lazymm
