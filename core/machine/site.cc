// SPDX-License-Identifier: MIT
#include "core/machine/site.h"

namespace lazymm::machine
{

// A function-local head: sites of other translation units register before this file's own
// initialisers may have run.
static Site *&head()
{
	static Site *first = nullptr;
	return first;
}

Site::Site(const char *name, SiteKind kind) : name_(name), next_(head()), kind_(kind)
{
	head() = this;
}

Site *Site::first()
{
	return head();
}

Site *Site::find(std::string_view name)
{
	for (Site *s = first(); s; s = s->next())
		if (name == s->name())
			return s;
	return nullptr;
}

} // namespace lazymm::machine
