// SPDX-License-Identifier: MIT
// The C library's memory functions for code that must stay invisible to TSan. TSan intercepts
// memcpy() and the like also when code built without it calls them (and a compiler makes such calls
// out of plain assignments), and would report the bytes as racy. isolate.cmake renames the calls of
// such code to the functions below.
//
// Weak: each object that is set apart brings them.
//
// Built with -fno-builtin: else a compiler sees what a loop does, and calls memcpy() instead.
#include <cstddef>

extern "C" {

[[gnu::weak]] void *lazymm_plain_memcpy(void *to, const void *from, std::size_t n)
{
	auto *t = static_cast<char *>(to);
	auto *f = static_cast<const char *>(from);
	for (std::size_t i = 0; i < n; i++)
		t[i] = f[i];
	return to;
}

[[gnu::weak]] void *lazymm_plain_memmove(void *to, const void *from, std::size_t n)
{
	auto *t = static_cast<char *>(to);
	auto *f = static_cast<const char *>(from);
	if (t < f)
		return lazymm_plain_memcpy(to, from, n);
	for (std::size_t i = n; i-- > 0;)
		t[i] = f[i];
	return to;
}

[[gnu::weak]] void *lazymm_plain_memset(void *to, int value, std::size_t n)
{
	auto *t = static_cast<char *>(to);
	for (std::size_t i = 0; i < n; i++)
		t[i] = static_cast<char>(value);
	return to;
}

[[gnu::weak]] int lazymm_plain_memcmp(const void *left, const void *right, std::size_t n)
{
	auto *l = static_cast<const unsigned char *>(left);
	auto *r = static_cast<const unsigned char *>(right);
	for (std::size_t i = 0; i < n; i++) {
		if (l[i] != r[i])
			return l[i] - r[i];
	}
	return 0;
}

[[gnu::weak]] int lazymm_plain_bcmp(const void *left, const void *right, std::size_t n)
{
	return lazymm_plain_memcmp(left, right, n);
}

[[gnu::weak]] std::size_t lazymm_plain_strlen(const char *s)
{
	std::size_t n = 0;
	while (s[n])
		n++;
	return n;
}
}
