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
constexpr OperandKind variable = OperandKind::variable;
constexpr OperandKind command = OperandKind::command;
constexpr OperandKind registration = OperandKind::registration;

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
	{ "store", variable,
	  "user code writes a variable: x, y of its mm, s, t shared by all mms" },
	{ "load", variable, "user code reads a variable" },
	{ "barrier", none, "user code's barrier(): the compiler keeps the order, no more" },
	{ "membarrier", command, "membarrier(2) by current" },
	{ "membarrier_rseq", cpu, "membarrier(2) rseq with MEMBARRIER_CMD_FLAG_CPU" },
	{ "register", registration, "register current's mm for membarrier(2)" },
	{ "patch", none, "modify the code of current's mm" },
	{ "run_code", none, "run the code of current's mm" },
	{ "store_store", variable,
	  "user code writes a variable, barrier(), writes its twin (x and y, s and t)" },
	{ "store_load", variable, "user code writes a variable, barrier(), reads its twin" },
	{ "load_load", variable, "user code reads a variable, barrier(), reads its twin" },
	{ "cid_work", none, "take back concurrency ids (mm_cid) that no running thread uses" },
	{ "alloc_table", none, "populate a pmd of current's mm with a page table" },
	{ "free_table", none, "clear a pmd of current's mm, free its table after a grace period" },
} };
static_assert(static_cast<unsigned>(OpKind::free_table) + 1 == kOpKinds);

constexpr std::array<const char *, 7> kOperands = {
	"none", "task", "user", "cpu", "variable", "command", "registration",
};
static_assert(static_cast<unsigned>(OperandKind::registration) + 1 == kOperands.size());

constexpr std::array<const char *, kDecisionKinds> kDecisions = {
	"run", "irq", "defer", "preempt", "older", "hold", "under", "pick",
};
static_assert(static_cast<unsigned>(DecisionKind::pick) + 1 == kDecisionKinds);

constexpr std::array<const char *, kStrategies> kStrategyNames = {
	"random", "pct", "pos", "surw", "portfolio", "stall",
};
static_assert(static_cast<unsigned>(Strategy::stall) + 1 == kStrategies);

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

const char *name(OperandKind kind)
{
	return kOperands[static_cast<unsigned>(kind)];
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
	case OperandKind::variable:
		return kVariableNames.size();
	case OperandKind::command:
		return kCommandNames.size();
	case OperandKind::registration:
		return kRegistrationNames.size();
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
	switch (kind) {
	case OperandKind::cpu:
		return "cpu" + std::to_string(operand);
	case OperandKind::variable:
		return kVariableNames[operand];
	case OperandKind::command:
		return kCommandNames[operand];
	case OperandKind::registration:
		return kRegistrationNames[operand];
	default:
		return kTaskNames[operand];
	}
}

} // namespace lazymm::schedule
