// SPDX-License-Identifier: MIT
// One schedule run twice: for its verdict, and once more with recording on. What `run`, `replay`
// and `minimize` show in the end.
#pragma once

#include "core/report/json.h"
#include "core/report/picture.h"
#include "fuzz/lazymm/console.h"
#include "fuzz/lazymm/files.h"

#include <string>

namespace lazymm::command
{

/// Runs the schedule twice and returns the recorded run. Throws a Failure (kCannotTell) if the two
/// differ: replay is to be exact. `runner` is prepared.
Result run_twice(Runner &runner, const schedule::Schedule &schedule,
		 const std::vector<std::string> &oracles);

/// Did the run come to an end that says something?
bool conclusive(const Result &result);

/// "--oracles a,b", or "" for all.
std::string replay_options(const std::vector<std::string> &oracles);

/// What a schedule shows, as comments above its text.
std::string witness_text(const schedule::Schedule &schedule, const Result &result);

/// As a part of a file name, whatever an oracle outside of the tree calls its findings.
std::string file_part(std::string text);

/// Writes the text of a witness under a name that is new there, made of scheme, bug and finding;
/// returns its path.
std::string write_witness(NewFile &file, const schedule::Schedule &schedule, const Result &result);

/// Writes `text` to a file of just that name; throws a Failure if there is one.
void write_named(NewFile &file, const std::string &name, std::string_view text);

} // namespace lazymm::command
