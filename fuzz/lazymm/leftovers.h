// SPDX-License-Identifier: MIT
// Temporary files and directories, `.lazymm-PID-N.tmp`: what stands under such a name is not
// finished. Every reader passes them over. A process that is killed leaves its own behind; the next
// one that writes there takes them away.
//
// Whether the owner is alive is not asked of the PID, which another process may have by now (in a
// container it is soon the same one again): an owner holds a lock (flock) on what it is making, and
// the kernel lets go of it when the owner ends, however it ends. Where there are no locks (some
// network file systems have none for directories), nothing is taken away.
#pragma once

#include <string>
#include <string_view>

namespace lazymm::command
{

/// ".lazymm-PID-N.tmp" of this process.
std::string temporary_name(unsigned n);
bool is_temporary(std::string_view name);

/// Locks what was just made at `path` and is open as `descriptor`. False if somebody took it for a
/// leftover in between: it is gone, or will be; make another.
bool keep_alive(int descriptor, const std::string &path);

/// Removes the leftovers in a directory (not below it). What cannot be removed stays, silently: it
/// is in nobody's way.
void remove_leftovers(const std::string &directory);

} // namespace lazymm::command
