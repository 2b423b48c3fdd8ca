// SPDX-License-Identifier: MIT
// The lines above the first CPU: scheme, memory, ... Internal to the text format.
#pragma once

#include "core/schedule/text_scan.h"

namespace lazymm::schedule
{

class Settings
{
public:
	/// Read the line at which `in` stands into `out`.
	bool read(Scanner &in, Schedule &out);

	/// Without a scheme a schedule can not run; the only setting that is required.
	bool has_scheme() const;

	/// Is it the name of a setting?
	static bool is_setting(std::string_view name);

private:
	/// Line on which each setting stands, in the order of the names in text_settings.cc; 0 =
	/// nowhere yet.
	std::array<unsigned, 9> lines_{};
};

} // namespace lazymm::schedule
