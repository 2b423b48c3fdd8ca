// SPDX-License-Identifier: MIT
#pragma once

/// Reports that TSan has made so far; 0 in other builds. See sanitizer_options.cc.
extern "C" int lazymm_tsan_reports;

namespace lazymm::command
{

/// Counts from its making on.
class TsanReports
{
public:
	int count() const { return lazymm_tsan_reports - before_; }
	/// A finding of ours tells of them, too: as if they had not been.
	void explained() const { lazymm_tsan_reports = before_; }

private:
	const int before_ = lazymm_tsan_reports;
};

} // namespace lazymm::command
