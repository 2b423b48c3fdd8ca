// SPDX-License-Identifier: MIT
// The tables of schedule.h: what each operation, decision and strategy is called, and what an
// operation's operand names.
#include "core/schedule/schedule.h"

namespace lazymm::schedule
{

namespace
{

constexpr OperandKind none = OperandKind::none;
constexpr OperandKind task = OperandKind::task;
constexpr OperandKind user = OperandKind::user;
constexpr OperandKind cpu = OperandKind::cpu;

// In the order of OpKind.
constexpr std::array<OpInfo, kOpKinds> kOps = { {
	{ "switch", task, "schedule() to a task" },
	{ "fork", user, "make a user task with a copy of current's mm" },
	{ "thread", user, "make a user task in current's mm (CLONE_VM)" },
	{ "exec", none, "give current a new mm; from a kernel thread: kernel_execve" },
	{ "exit", none, "do_exit" },
	{ "use_mm", user, "kthread_use_mm of a task's mm" },
	{ "unuse_mm", none, "kthread_unuse_mm" },
	{ "get", user, "mmget_not_zero of a task's mm, held by current" },
	{ "put", none, "mmput of what 'get' got" },
	{ "pin", user, "mmgrab of a task's mm, held by current" },
	{ "unpin", none, "mmdrop of what 'pin' got" },
	{ "oom", user, "pin a task's mm in its signal_struct until that task is freed" },
	{ "touch", none, "walk the page tables that the CPU has loaded" },
	{ "unmap", none, "unmap a page of current's mm: flush TLBs by IPI, then free the page" },
	{ "offline", cpu, "cpu_down of a CPU (default: the CPU of the script)" },
	{ "online", cpu, "cpu_up of a CPU (default: the CPU of the script)" },
	{ "rcu", none, "invoke RCU callbacks whose grace period is over (softirq)" },
	{ "sync_rcu", none, "synchronize_rcu()" },
	{ "work", none, "run queued work items" },
} };
static_assert(static_cast<unsigned>(OpKind::work) + 1 == kOpKinds);

constexpr std::array<const char *, kDecisionKinds> kDecisions = {
	"run", "irq", "defer", "preempt", "older", "hold", "under", "pick",
};
static_assert(static_cast<unsigned>(DecisionKind::pick) + 1 == kDecisionKinds);

constexpr std::array<const char *, kStrategies> kStrategyNames = {
	"random", "pct", "pos", "surw", "portfolio",
};
static_assert(static_cast<unsigned>(Strategy::portfolio) + 1 == kStrategies);

} // namespace

const OpInfo &info(OpKind kind)
{
	return kOps[static_cast<unsigned>(kind)];
}

const char *name(DecisionKind kind)
{
	return kDecisions[static_cast<unsigned>(kind)];
}

const char *name(Strategy strategy)
{
	return kStrategyNames[static_cast<unsigned>(strategy)];
}

unsigned operand_count(OperandKind kind)
{
	switch (kind) {
	case OperandKind::task:
		return kTaskNames.size();
	case OperandKind::user:
		return kUserTasks;
	case OperandKind::cpu:
		return kMaxCpus;
	case OperandKind::none:
		break;
	}
	return 1;
}

std::string operand_name(OperandKind kind, unsigned operand)
{
	if (kind == OperandKind::none)
		return "";
	if (operand >= operand_count(kind))
		return "?";
	if (kind == OperandKind::cpu)
		return "cpu" + std::to_string(operand);
	return kTaskNames[operand];
}

} // namespace lazymm::schedule
