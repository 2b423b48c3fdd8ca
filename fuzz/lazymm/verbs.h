// SPDX-License-Identifier: MIT
// The verbs of the command: one file each.
#pragma once

#include "fuzz/lazymm/console.h"

#include <span>
#include <string>
#include <vector>

namespace lazymm::command
{

/// What stands behind the verb.
using Arguments = std::vector<std::string>;

// Each returns the exit status, or throws a Failure.
int list(const Arguments &arguments, Console &console);
int run(const Arguments &arguments, Console &console);
int stress(const Arguments &arguments, Console &console);
int replay(const Arguments &arguments, Console &console);
int minimize(const Arguments &arguments, Console &console);
int show(const Arguments &arguments, Console &console);
int bytes(const Arguments &arguments, Console &console);
int barriers(const Arguments &arguments, Console &console);
int matrix(const Arguments &arguments, Console &console);
int coverage(const Arguments &arguments, Console &console);
int diff(const Arguments &arguments, Console &console);
int litmus(const Arguments &arguments, Console &console);
int corpus(const Arguments &arguments, Console &console);
int doctor(const Arguments &arguments, Console &console);

struct Verb {
	const char *name;
	const char *what;
	int (*run)(const Arguments &arguments, Console &console);
};
std::span<const Verb> verbs();

/// The whole command, with the program's name left out. Errors become one line and a status.
int run_command(const Arguments &arguments, Console &console);

} // namespace lazymm::command
