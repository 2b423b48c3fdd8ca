// SPDX-License-Identifier: MIT
// See typesafe.cc. Declared here for the planted variants.
#pragma once

#include "core/schemes/pte_defer/pte_defer.h"

namespace lazymm::schemes
{

class pte_defer_typesafe : public pte_halves
{
public:
	bool mm_is_typesafe() const override { return true; }
	void init_new_context(kernel::mm_ref mm) override;

protected:
	void pte_free_now(kernel::ptdesc &page, unsigned half) override;
	/// The lock of page->pt_mm is held: is that still the mm of the page?
	virtual bool still_ours(kernel::ptdesc &page, unsigned other);
};

} // namespace lazymm::schemes
