// SPDX-License-Identifier: MIT
// A file descriptor that is closed when its scope ends.
#pragma once

#include <unistd.h>

namespace lazymm::command
{

class Descriptor
{
public:
	/// -1: none.
	explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
	~Descriptor()
	{
		if (descriptor_ >= 0)
			close(descriptor_);
	}
	Descriptor(const Descriptor &) = delete;
	Descriptor &operator=(const Descriptor &) = delete;
	int get() const { return descriptor_; }

private:
	int descriptor_;
};

} // namespace lazymm::command
