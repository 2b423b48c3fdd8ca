// SPDX-License-Identifier: MIT
// The `lazymm` command as a function, so that a program with a scheme of its own (which links this
// library) has the whole command.
#pragma once

namespace lazymm
{

/// Runs the command; what main() is to return.
int command_main(int argc, char **argv);

} // namespace lazymm
