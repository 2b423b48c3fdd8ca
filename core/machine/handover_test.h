// SPDX-License-Identifier: MIT
// What the tests of the executors share.
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "core/machine/cpu.h"
#include "core/machine/executor.h"

namespace lazymm::machine
{

class Handover : public testing::TestWithParam<Engine>
{
public:
	struct Task : Context {
		void (*body)(Handover &) = nullptr;
		Handover *test = nullptr;
		int rounds = 0;
	};

	Handover() : executor(GetParam() == Engine::fibers ? make_fibers() : make_threads())
	{
		cpus[1].index = 1;
		adopt(main, cpus[0]);
	}
	~Handover() override { executor->release(main); }

	void adopt(Context &context, Cpu &cpu)
	{
		context.cpu = &cpu;
		cpu.context = &context;
		executor->adopt(context);
	}

	/// `body` ends into main.
	void start(Task &task, void (*body)(Handover &), unsigned cpu = 0)
	{
		task.body = body;
		task.test = this;
		task.cpu = &cpus[cpu];
		task.finish_to = &main;
		executor->start(
			task,
			[](void *arg) {
				Task &t = *static_cast<Task *>(arg);

				t.body(*t.test);
			},
			&task);
	}

	void go(Context &from, Context &to, Edge edge = Edge::sync)
	{
		executor->transfer(from, to, edge);
	}

	std::unique_ptr<Executor> executor;
	Cpu cpus[2];
	Context main;
	Task a;
	Task b;
	std::string log;
	int count = 0;
};

const auto kBothExecutors = testing::Values(Engine::fibers, Engine::threads);

inline std::string executor_name(const testing::TestParamInfo<Engine> &info)
{
	return info.param == Engine::fibers ? "fibers" : "threads";
}

} // namespace lazymm::machine
