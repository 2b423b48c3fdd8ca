// SPDX-License-Identifier: MIT
#include "core/schedule/bytes.h"

#include "core/schedule/limits.h"
#include "core/schedule/names.h"

#include <algorithm>

namespace lazymm::schedule
{

namespace
{

constexpr unsigned kFirstDecision = 224;
constexpr unsigned kDirectCodes = 55;
constexpr unsigned kRareCodes = 9 + 41;
constexpr unsigned kSearchBit = 0x80;
/// In place of a hotplug protocol: both follow, behind the header.
constexpr unsigned kArchFollows = 3;
/// The argument of a decision is in a byte of its own.
constexpr unsigned kLongArg = 3;

/// An operation with its operand; `cpu`: the operand is a CPU, and is reduced to those that exist.
struct Code {
	OpKind kind;
	std::uint8_t operand;
	bool cpu;
};

/// `count` codes in a row: an operation with the operands from `first` on.
struct Run {
	OpKind kind;
	unsigned first;
	unsigned count;
};

constexpr Run kRuns[] = {
	{ OpKind::switch_to, 0, 10 },
	{ OpKind::exec, 0, 1 },
	{ OpKind::exit, 0, 1 },
	{ OpKind::unuse_mm, 0, 1 },
	{ OpKind::put, 0, 1 },
	{ OpKind::unpin, 0, 1 },
	{ OpKind::touch, 0, 1 },
	{ OpKind::unmap, 0, 1 },
	{ OpKind::rcu, 0, 1 },
	{ OpKind::sync_rcu, 0, 1 },
	{ OpKind::work, 0, 1 },
	{ OpKind::fork, 1, 4 },
	{ OpKind::thread, 1, 4 },
	{ OpKind::use_mm, 0, 5 },
	{ OpKind::get, 0, 5 },
	{ OpKind::pin, 0, 5 },
	{ OpKind::oom, 0, 4 },
	{ OpKind::offline, 0, 4 },
	{ OpKind::online, 0, 4 },
	// The rare nine.
	{ OpKind::fork, 0, 1 },
	{ OpKind::fork, 5, 1 },
	{ OpKind::thread, 0, 1 },
	{ OpKind::thread, 5, 1 },
	{ OpKind::use_mm, 5, 1 },
	{ OpKind::get, 5, 1 },
	{ OpKind::pin, 5, 1 },
	{ OpKind::oom, 4, 2 },
	// Behind them: what no build before membarrier wrote.
	{ OpKind::store, 0, 4 },
	{ OpKind::load, 0, 4 },
	{ OpKind::barrier, 0, 1 },
	{ OpKind::membarrier, 0, 7 },
	{ OpKind::membarrier_rseq, 0, 4 },
	{ OpKind::register_mm, 0, 4 },
	{ OpKind::patch, 0, 1 },
	{ OpKind::run_code, 0, 1 },
	{ OpKind::store_store, 0, 4 },
	{ OpKind::store_load, 0, 4 },
	{ OpKind::load_load, 0, 4 },
	{ OpKind::cid_work, 0, 1 },
	{ OpKind::alloc_table, 0, 1 },
	{ OpKind::free_table, 0, 1 },
};

constexpr std::array<Code, kDirectCodes + kRareCodes> kCodes = [] {
	std::array<Code, kDirectCodes + kRareCodes> codes{};
	unsigned n = 0;
	for (const Run &run : kRuns) {
		const bool cpu = run.kind == OpKind::offline || run.kind == OpKind::online ||
				 run.kind == OpKind::membarrier_rseq;
		for (unsigned i = 0; i < run.count; i++)
			codes[n++] = { run.kind, static_cast<std::uint8_t>(run.first + i), cpu };
	}
	return codes;
}();

/// From (operation, operand) back to the code; 255 where there is none.
using CodeOf = std::array<std::array<std::uint8_t, kTaskNames.size()>, kOpKinds>;
constexpr CodeOf kCodeOf = [] {
	CodeOf code_of{};
	for (auto &row : code_of)
		row.fill(255);
	for (unsigned i = 0; i < kCodes.size(); i++) {
		const unsigned kind = static_cast<unsigned>(kCodes[i].kind);
		code_of[kind][kCodes[i].operand] = static_cast<std::uint8_t>(i);
	}
	return code_of;
}();

static_assert(
	[] {
		unsigned distinct = 0;
		for (const auto &row : kCodeOf)
			distinct += static_cast<unsigned>(row.size()) -
				    static_cast<unsigned>(std::count(row.begin(), row.end(), 255));
		return distinct;
	}() == kCodes.size(),
	"each operation with each operand has one code");

/// [cpus][two bits]: the two bits modulo cpus, without a division.
constexpr std::uint8_t kCpuOf[kMaxCpus + 1][4] = {
	{ 0, 0, 0, 0 }, { 0, 0, 0, 0 }, { 0, 1, 0, 1 }, { 0, 1, 2, 0 }, { 0, 1, 2, 3 },
};

/// Reads zeros behind the end.
struct Reader {
	const std::uint8_t *next;
	const std::uint8_t *end;

	bool more() const { return next != end; }
	unsigned byte() { return next != end ? *next++ : 0; }

	std::uint32_t leb128(unsigned bits)
	{
		std::uint64_t value = 0;
		for (unsigned shift = 0; shift < bits; shift += 7) {
			const unsigned b = byte();
			value |= std::uint64_t{ b & 0x7f } << shift;
			if (!(b & 0x80))
				break;
		}
		return static_cast<std::uint32_t>(value);
	}
};

Decision read_decision(unsigned lead, Reader &in, unsigned last_at, unsigned cpus)
{
	const unsigned short_arg = lead & 3;
	Decision decision;
	decision.kind = static_cast<DecisionKind>((lead >> 2) & 7);
	decision.at = static_cast<std::uint16_t>(std::min(last_at + in.leb128(14), kMaxAt));
	switch (arg_kind(decision.kind)) {
	case ArgKind::cpu:
		decision.arg = kCpuOf[cpus][short_arg];
		break;
	case ArgKind::number:
		decision.arg =
			static_cast<std::uint8_t>(short_arg == kLongArg ? in.byte() : short_arg);
		break;
	case ArgKind::none:
		break;
	}
	return decision;
}

/// Knows how far zeros at the end may be cut: a missing byte within an item reads as zero, a
/// missing item is no item.
struct Writer {
	std::vector<std::uint8_t> bytes;
	std::size_t needed = 0;

	void byte(unsigned b) { bytes.push_back(static_cast<std::uint8_t>(b)); }

	void item(unsigned lead)
	{
		byte(lead);
		needed = bytes.size();
	}

	void leb128(std::uint32_t value)
	{
		for (; value >= 0x80; value >>= 7)
			byte(value | 0x80);
		byte(value);
	}

	void cut_zeros()
	{
		while (bytes.size() > needed && bytes.back() == 0)
			bytes.pop_back();
	}
};

void write(const Op &op, unsigned cpu, Writer &out)
{
	const unsigned code = kCodeOf[static_cast<unsigned>(op.kind)][op.operand];
	out.item(cpu | std::min(code, kDirectCodes) << 2);
	if (code >= kDirectCodes)
		out.byte(code - kDirectCodes);

	unsigned last_at = 1;
	for (const Decision &decision : op.decisions) {
		const unsigned short_arg = std::min<unsigned>(decision.arg, kLongArg);
		const bool long_arg =
			arg_kind(decision.kind) == ArgKind::number && short_arg == kLongArg;
		out.item(kFirstDecision | static_cast<unsigned>(decision.kind) << 2 | short_arg);
		out.leb128(decision.at - last_at);
		if (long_arg)
			out.byte(decision.arg);
		last_at = decision.at;
	}
}

} // namespace

void decode(std::span<const std::uint8_t> bytes, Schedule &out)
{
	Reader in{ bytes.data(), bytes.data() + bytes.size() };
	const unsigned header = in.byte();
	out.memory = static_cast<Memory>((header & 3) % 3);
	out.mm = static_cast<MmMemory>(header >> 4 & 1);
	const unsigned cpus = ((header >> 5 & 3) + 1) % kMaxCpus + 1;
	out.cpus.resize(cpus);
	unsigned hotplug = header >> 2 & 3;
	out.arch = Arch::scheme;
	if (hotplug == kArchFollows) {
		const unsigned both = in.byte();
		out.arch = static_cast<Arch>((both & 7) % kArches);
		hotplug = (both >> 3 & 3) % 3;
	}
	out.hotplug = static_cast<Hotplug>(hotplug);
	out.search.reset();
	if (header & kSearchBit) {
		const Strategy strategy = static_cast<Strategy>(in.byte() % kStrategies);
		out.search = Search{ strategy, in.leb128(32) };
	}

	std::array<unsigned, kMaxCpus> lengths{};
	Op *last = nullptr; // nothing to hang a decision on, or its op was beyond the limit
	while (in.more()) {
		const unsigned lead = in.byte();
		if (lead >= kFirstDecision) {
			const unsigned last_at =
				last && !last->decisions.empty() ? last->decisions.back().at : 1;
			const Decision decision = read_decision(lead, in, last_at, cpus);
			if (last && last->decisions.size() < kMaxDecisions)
				last->decisions.push_back(decision);
			continue;
		}
		unsigned number = lead >> 2;
		if (number == kDirectCodes)
			number += in.byte() % kRareCodes;
		const Code &code = kCodes[number];
		const unsigned cpu = kCpuOf[cpus][lead & 3];
		std::vector<Op> &script = out.cpus[cpu];
		unsigned &length = lengths[cpu];
		if (length == kMaxOps) {
			last = nullptr;
			continue;
		}
		last = length < script.size() ? &script[length] : &script.emplace_back();
		length++;
		last->kind = code.kind;
		last->operand = code.cpu ? kCpuOf[cpus][code.operand] : code.operand;
		last->decisions.clear();
	}
	for (unsigned cpu = 0; cpu < cpus; cpu++)
		out.cpus[cpu].resize(lengths[cpu]);
}

std::vector<std::uint8_t> encode(const Schedule &schedule)
{
	if (!within_limits(schedule)) {
		Schedule clipped = schedule;
		clip(clipped);
		return encode(clipped);
	}
	Writer out;
	const unsigned cpus = static_cast<unsigned>(schedule.cpus.size());
	const unsigned hotplug = static_cast<unsigned>(schedule.hotplug);
	const bool arch = schedule.arch != Arch::scheme;
	out.byte(static_cast<unsigned>(schedule.memory) | (arch ? kArchFollows : hotplug) << 2 |
		 static_cast<unsigned>(schedule.mm) << 4 | (cpus + 2) % kMaxCpus << 5 |
		 (schedule.search ? kSearchBit : 0));
	if (arch)
		out.byte(static_cast<unsigned>(schedule.arch) | hotplug << 3);
	if (schedule.search) {
		out.byte(static_cast<unsigned>(schedule.search->strategy));
		out.leb128(schedule.search->seed);
	}
	for (unsigned cpu = 0; cpu < cpus; cpu++) {
		for (const Op &op : schedule.cpus[cpu])
			write(op, cpu, out);
	}
	out.cut_zeros();
	return std::move(out.bytes);
}

} // namespace lazymm::schedule
