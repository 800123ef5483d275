/*
 * Keeps a core awake and tells how late the machine itself is there.
 *
 * A core with nothing to do is halted; on a virtual machine the hypervisor then gives the real one to somebody else, and
 * what wakes it waits for milliseconds. That says nothing about the program under test. So one thread of the lowest
 * scheduling class (SCHED_IDLE: it gives way to everything) spins there, and one that goes before everything
 * (SCHED_FIFO) wakes every 2 ms and counts how late it is: what is late for that one is late by the machine.
 *
 * corewatch CORE: a line on standard input asks for the counts since the line before, as one JSON object; its end ends it.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PERIOD_NS 2000000L
#define FIFO_PRIORITY 60

static atomic_long over1, over5, over10, worst_us;

static void *keep_awake(void *unused) {
  struct sched_param idle = {0};
  struct timespec now;
  (void)unused;
  if (pthread_setschedparam(pthread_self(), SCHED_IDLE, &idle) != 0) return NULL;
  /* No loop of PAUSE, for which a hypervisor may take the core from us: the server's calls piled up. */
  for (;;) clock_gettime(CLOCK_MONOTONIC, &now);
  return NULL;
}

static long since_us(const struct timespec *from) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - from->tv_sec) * 1000000L + (now.tv_nsec - from->tv_nsec) / 1000;
}

static void *watch(void *unused) {
  struct timespec due;
  (void)unused;
  clock_gettime(CLOCK_MONOTONIC, &due);
  for (;;) {
    due.tv_nsec += PERIOD_NS;
    if (due.tv_nsec >= 1000000000L) {
      due.tv_nsec -= 1000000000L;
      due.tv_sec++;
    }
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    long late_us = since_us(&due);
    if (late_us > 1000) over1++;
    if (late_us > 5000) over5++;
    if (late_us > 10000) over10++;
    if (late_us > worst_us) worst_us = late_us;
    if (late_us > PERIOD_NS / 1000) clock_gettime(CLOCK_MONOTONIC, &due);
  }
  return NULL;
}

int main(int argc, char **argv) {
  cpu_set_t core;
  pthread_t thread;
  pthread_attr_t first;
  struct sched_param fifo = {.sched_priority = FIFO_PRIORITY};
  char line[16];

  if (argc != 2) {
    fprintf(stderr, "usage: corewatch CORE\n");
    return 2;
  }
  /* Not in the server's group of the scheduler. */
  setsid();
  CPU_ZERO(&core);
  CPU_SET(atoi(argv[1]), &core);
  if (sched_setaffinity(0, sizeof core, &core) != 0) {
    perror("corewatch: sched_setaffinity");
    return 1;
  }
  pthread_create(&thread, NULL, keep_awake, NULL);
  pthread_attr_init(&first);
  pthread_attr_setinheritsched(&first, PTHREAD_EXPLICIT_SCHED);
  pthread_attr_setschedpolicy(&first, SCHED_FIFO);
  pthread_attr_setschedparam(&first, &fifo);
  if (pthread_create(&thread, &first, watch, NULL) != 0) fprintf(stderr, "corewatch: not permitted to watch, only to keep awake\n");
  while (fgets(line, sizeof line, stdin) != NULL) {
    printf("{\"over_1ms\":%ld,\"over_5ms\":%ld,\"over_10ms\":%ld,\"worst_ms\":%.1f}\n",
           atomic_exchange(&over1, 0), atomic_exchange(&over5, 0),
           atomic_exchange(&over10, 0), atomic_exchange(&worst_us, 0) / 1000.0);
    fflush(stdout);
  }
  return 0;
}
