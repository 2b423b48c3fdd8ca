// SPDX-License-Identifier: MIT
#include "core/oracles/words.h"

#include <cstring>

namespace lazymm::oracles
{

using kernel::Holder;

bool about_active_mm(const char *warning)
{
	return std::strstr(warning, "mm == current->active_mm") != nullptr;
}

std::string mm_name(kernel::mm_ref mm)
{
	if (!mm)
		return "NULL";
	return mm.slot() == 0 ? "init_mm" : "mm" + std::to_string(mm.number());
}

std::string cpu_name(int cpu)
{
	return "CPU" + std::to_string(cpu);
}

std::string place(const char *file, unsigned line)
{
	if (!file || !*file)
		return "";
	const char *slash = std::strrchr(file, '/');
	return std::string(slash ? slash + 1 : file) + ":" + std::to_string(line);
}

std::string at_place(const char *file, unsigned line)
{
	std::string where = place(file, line);
	return where.empty() ? where : " (" + where + ")";
}

std::string current_name(kernel::Kernel &kernel, int cpu)
{
	const kernel::task_struct *task = current_task(kernel, cpu);
	return task ? kernel::task_name(task->slot) : "nobody";
}

std::string reference_name(Holder holder, int id)
{
	const std::string number = std::to_string(id);
	switch (holder) {
	case Holder::users:
		return "the reference of all mm_users together";
	case Holder::lazy:
		return "the lazy reference of CPU" + number;
	case Holder::pin:
		return "the mmgrab() of " + kernel::task_name(id);
	case Holder::use_mm:
		return "the kthread_use_mm() reference of " + kernel::task_name(id);
	case Holder::signal:
		return "the oom_mm reference of " + kernel::task_name(id);
	case Holder::mailbox:
		return "the reference in CPU" + number + "'s rq->drop_mm";
	case Holder::unlazy:
		return "the batch of mm_unlazy_mm_count()";
	case Holder::table:
		return "the reference of a deferred page table";
	}
	return "a reference";
}

} // namespace lazymm::oracles
