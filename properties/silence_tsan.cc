// SPDX-License-Identifier: MIT
#include "properties/silence_tsan.h"

#include <cstdint>

#include <fcntl.h>
#include <unistd.h>

#if LAZYMM_TSAN
extern "C" void __sanitizer_set_report_fd(void *descriptor);

namespace
{
void report_to(int descriptor)
{
	__sanitizer_set_report_fd(reinterpret_cast<void *>(static_cast<std::intptr_t>(descriptor)));
}
} // namespace
#else
namespace
{
void report_to(int) {}
} // namespace
#endif

namespace lazymm::properties
{

SilenceTsan::SilenceTsan()
{
	if (LAZYMM_TSAN)
		null_ = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (null_ >= 0)
		report_to(null_);
}

SilenceTsan::~SilenceTsan()
{
	if (null_ < 0)
		return;
	report_to(STDERR_FILENO);
	close(null_);
}

} // namespace lazymm::properties
