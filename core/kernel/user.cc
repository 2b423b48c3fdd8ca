// SPDX-License-Identifier: MIT
// What user code does: reads and writes its variables, patches its own code, runs it. Accesses are
// relaxed, as the hardware makes them; a kernel thread in kthread_use_mm() makes them too.
#include "core/kernel/user.h"

#include "core/kernel/kernel.h"

namespace lazymm::kernel
{

namespace
{
constexpr const char *kNames[kUserVars] = { "x", "y", "s", "t" };

Shared<std::uint32_t> &variable(mm_ref mm, unsigned var)
{
	return var < kPrivateVars ? mm->user_vars[var] : kernel().shared_vars[var - kPrivateVars];
}

/// The variable that a word is, or kUserVars; and whose.
unsigned variable_of(Kernel &k, const machine::SharedWord &word, unsigned &slot)
{
	for (unsigned var = 0; var < kUserVars - kPrivateVars; var++)
		if (&word == &k.shared_vars[var])
			return kPrivateVars + var;
	for (slot = 0; slot < kMms; slot++)
		for (unsigned var = 0; k.mm_allocated(slot) && var < kPrivateVars; var++)
			if (&word == &k.mm(slot).user_vars[var])
				return var;
	return kUserVars;
}
} // namespace

void user_store_placed(Machine &machine, const machine::SharedWord &word, std::uint64_t value,
		       unsigned under)
{
	Kernel &k = *static_cast<Kernel *>(machine.user);
	if (!k.user_stores)
		return;
	unsigned slot = 0;
	const unsigned var = variable_of(k, word, slot);
	if (var == kUserVars)
		return;
	k.emit({ .kind = EventKind::user_placed,
		 .mm = var < kPrivateVars ? k.ref(k.mm(slot), slot) : init_mm(),
		 .count = int(var | under << 8),
		 .value = int(value) });
}

const char *user_var_name(unsigned var)
{
	return kNames[var];
}

void user_mode()
{
	Kernel &k = kernel();
	if (mm_ref mm = current_task().mm.here())
		k.emit({ .kind = EventKind::user_mode, .mm = mm, .task = k.ref(current_task()) });
}

void user_store(unsigned var)
{
	Kernel &k = kernel();
	mm_ref mm = current_task().mm.here();
	auto &word = variable(mm, var);
	std::uint32_t number = ++k.user_stores;
	WRITE_ONCE(word, number);
	k.emit({ .kind = EventKind::user_store,
		 .mm = mm,
		 .count = int(var),
		 .value = int(number),
		 .task = k.ref(current_task()) });
}

void user_load(unsigned var)
{
	Kernel &k = kernel();
	mm_ref mm = current_task().mm.here();
	std::uint32_t number = READ_ONCE(variable(mm, var));
	k.emit({ .kind = EventKind::user_load,
		 .mm = mm,
		 .count = int(var),
		 .value = int(number),
		 .task = k.ref(current_task()) });
}

void user_barrier()
{
	Kernel &k = kernel();
	k.emit({ .kind = EventKind::user_barrier,
		 .mm = current_task().mm.here(),
		 .task = k.ref(current_task()) });
}

void patch_code()
{
	Kernel &k = kernel();
	mm_ref mm = current_task().mm.here();
	std::uint32_t version = ++k.patches;
	WRITE_ONCE(mm->code, version);
	k.emit({ .kind = EventKind::patched,
		 .mm = mm,
		 .value = int(version),
		 .task = k.ref(current_task()) });
}

void run_code()
{
	Kernel &k = kernel();
	mm_ref mm = current_task().mm.here();
	READ_ONCE(mm->code); // the fetch: a place where others may go first
	k.emit({ .kind = EventKind::user_code, .mm = mm, .task = k.ref(current_task()) });
}

} // namespace lazymm::kernel
