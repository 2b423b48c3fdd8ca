// SPDX-License-Identifier: MIT
#include "core/machine/trace.h"

#include <cstring>

namespace lazymm::machine
{

namespace
{
class Fnv
{
public:
	void bytes(const void *data, std::size_t n)
	{
		auto p = static_cast<const unsigned char *>(data);
		for (std::size_t i = 0; i < n; i++)
			hash_ = (hash_ ^ p[i]) * 0x100000001b3ull;
	}
	void text(const char *s) { bytes(s, std::strlen(s) + 1); }
	template <class T>
	void value(T v)
	{
		bytes(&v, sizeof v);
	}
	std::uint64_t get() const { return hash_; }

private:
	std::uint64_t hash_ = 0xcbf29ce484222325ull;
};
} // namespace

std::uint64_t Trace::hash() const
{
	Fnv f;
	for (const Event &e : events) {
		f.value(e.step);
		f.value(e.op);
		f.value(e.at);
		f.value(e.cpu);
		f.value(e.context);
		f.value(e.kind);
		f.value(e.order);
		f.value(e.note);
		f.value(e.reordering);
		f.value(e.by);
		f.text(e.name);
		f.text(e.owner.kind);
		f.value(e.owner.number);
		f.text(e.site ? e.site : "");
		f.value(e.line);
		f.value(e.before);
		f.value(e.after);
	}
	return f.get();
}

std::string location_name(const char *name, const Owner &owner)
{
	std::string out = owner.kind;
	if (owner.number >= 0)
		out += std::to_string(owner.number);
	if (!out.empty() && *name)
		out += '.';
	return out + name;
}

} // namespace lazymm::machine
