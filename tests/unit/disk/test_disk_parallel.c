/*
 * Several threads write bytes of the same blocks at once: nobody's bytes may be lost. And the lock
 * below that, by itself.
 */
#include "disk/disk.h"
#include "disk/range_lock.h"
#include "fake_port.h"
#include "sys/sys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka.h wants the four above.
#include <cmocka.h>

enum { WRITERS = 4, ROUNDS = 400, SPAN = 2048 };

static struct disk *disk;

struct writer {
    struct sys_thread *thread;
    unsigned number;
    int error;
    uint8_t last[SPAN / WRITERS]; /* what it wrote last to its bytes */
};

/* Writer n owns the bytes n, n + WRITERS, ...: in every block each writer has some. */
static void write_own_bytes(void *argument)
{
    struct writer *writer = argument;
    struct disk_channel *channel;
    unsigned random = writer->number + 1;

    writer->error = disk_channel_create(&channel);
    for (unsigned i = 0; i < ROUNDS && writer->error == 0; i++) {
        random = random * 1103515245u + 12345u;
        unsigned index = (random >> 8) % (SPAN / WRITERS);
        writer->last[index] = (uint8_t)(random >> 16);
        writer->error = disk_write(disk, channel, &writer->last[index], 1,
                                   index * WRITERS + writer->number, false);
    }
    disk_channel_destroy(channel);
}

static void parallel_partial_writes_lose_no_byte(void **state)
{
    static struct writer writers[WRITERS];
    struct disk_channel *channel;

    (void)state;
    struct port_unit *unit = fake_start(&fake_default);
    assert_int_equal(disk_channel_create(&channel), 0);
    assert_int_equal(disk_open(&disk, unit, channel), 0);
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i].number = i;
        assert_int_equal(
            sys_thread_create(&writers[i].thread, "writer", write_own_bytes, &writers[i]), 0);
    }
    for (unsigned i = 0; i < WRITERS; i++) {
        sys_thread_join(writers[i].thread);
        assert_int_equal(writers[i].error, 0);
    }
    for (unsigned i = 0; i < SPAN; i++)
        assert_int_equal(fake_bytes()[i], writers[i % WRITERS].last[i / WRITERS]);
    disk_close(disk);
    disk_channel_destroy(channel);
    fake_stop();
}

struct contender {
    struct sys_thread *thread;
    struct range_lock *lock;
    uint32_t *readers, *writers_inside;
    bool exclusive;
    bool violated;
};

static void contend(void *argument)
{
    struct contender *contender = argument;
    struct range_hold hold;

    for (unsigned i = 0; i < 2000; i++) {
        range_lock_acquire(contender->lock, &hold, 5, 10, contender->exclusive);
        if (contender->exclusive) {
            contender->violated |=
                __atomic_add_fetch(contender->writers_inside, 1, __ATOMIC_SEQ_CST) != 1;
            contender->violated |= __atomic_load_n(contender->readers, __ATOMIC_SEQ_CST) != 0;
            __atomic_sub_fetch(contender->writers_inside, 1, __ATOMIC_SEQ_CST);
        } else {
            __atomic_add_fetch(contender->readers, 1, __ATOMIC_SEQ_CST);
            contender->violated |=
                __atomic_load_n(contender->writers_inside, __ATOMIC_SEQ_CST) != 0;
            __atomic_sub_fetch(contender->readers, 1, __ATOMIC_SEQ_CST);
        }
        range_lock_release(contender->lock, &hold);
    }
}

static void an_exclusive_hold_overlaps_no_other(void **state)
{
    struct range_lock lock = {0};
    uint32_t readers = 0, writers_inside = 0;
    struct contender contenders[4];

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        contenders[i] = (struct contender){.lock = &lock,
                                           .readers = &readers,
                                           .writers_inside = &writers_inside,
                                           .exclusive = i % 2 == 0};
        assert_int_equal(
            sys_thread_create(&contenders[i].thread, "contender", contend, &contenders[i]), 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        sys_thread_join(contenders[i].thread);
        assert_false(contenders[i].violated);
    }
    assert_null(lock.first);
}

static void holds_that_do_not_conflict_are_granted_together(void **state)
{
    struct range_lock lock = {0};
    struct range_hold first, second, third;

    (void)state;
    range_lock_acquire(&lock, &first, 0, 10, false);
    range_lock_acquire(&lock, &second, 5, 15, false);
    range_lock_acquire(&lock, &third, 15, 20, true);
    range_lock_release(&lock, &second);
    range_lock_release(&lock, &first);
    range_lock_release(&lock, &third);
    assert_null(lock.first);
    assert_null(lock.last);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_that_do_not_conflict_are_granted_together),
        cmocka_unit_test(an_exclusive_hold_overlaps_no_other),
        cmocka_unit_test(parallel_partial_writes_lose_no_byte),
    };
    struct sys_options options = {.seed = 1};

    if (sys_start(&options) != 0)
        return 1;
    int failed = cmocka_run_group_tests_name("disk_parallel", tests, NULL, NULL);
    sys_stop();
    return failed;
}
