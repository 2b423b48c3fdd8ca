// SPDX-License-Identifier: MIT
// While it lives, TSan's reports are counted and not printed: a race that is being minimised is
// reported in every replay.
#pragma once

namespace lazymm::properties
{

class SilenceTsan
{
public:
	SilenceTsan();
	~SilenceTsan();
	SilenceTsan(const SilenceTsan &) = delete;
	SilenceTsan &operator=(const SilenceTsan &) = delete;

private:
	int null_ = -1;
};

} // namespace lazymm::properties
