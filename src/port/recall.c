/*
 * recall.c - processors that have more than they use give back.
 *
 * A recall is set by the first who finds nothing, and he alone has the others called: so the rule
 * is that while it is set nobody keeps a credit (a slot) that he does not use. What comes back goes
 * to the pool, and whoever puts something there also dispatches.
 */
#include "port/admission.h"

struct recall {
    struct nt_call call;
    struct nt_processor *processor;
};

static struct recall recalls[NT_PROCESSOR_COUNT_MAX];

/* Idle credits of the unit; the last processor to give them back after a cut opens its gate. */
static void recall_credits(struct port_unit *unit, unsigned number, struct nt_thread *self)
{
    nt_spinlock_acquire(&unit->lock, self);
    __atomic_add_fetch(&unit->pool, (int32_t)unit->shares[number].credits, __ATOMIC_RELAXED);
    unit->shares[number].credits = 0;
    unit->alone_owed &= ~(1ull << number);
    nt_spinlock_release(&unit->lock, self);
    if (__atomic_fetch_and(&unit->cut, ~(1ull << number), __ATOMIC_SEQ_CST) == 1ull << number)
        port_unit_gate_open(unit, PORT_GATE_CUT);
}

static void recall_unit(struct nt_processor *processor, struct port_unit *unit,
                        struct nt_thread *self)
{
    unsigned number = processor->number;
    bool wanted = __atomic_load_n(&unit->attention.recall, __ATOMIC_ACQUIRE) ||
                  __atomic_load_n(&unit->attention.gates, __ATOMIC_ACQUIRE) & PORT_GATE_ALONE ||
                  __atomic_load_n(&unit->cut, __ATOMIC_ACQUIRE) >> number & 1;

    if (wanted)
        recall_credits(unit, number, self);
    port_gates_count(unit);
    if (wanted || __atomic_load_n(&unit->held, __ATOMIC_ACQUIRE))
        port_dispatch_unit(processor, unit);
}

/* On each processor. */
static void recall_run(void *context)
{
    struct recall *recall = context;
    unsigned number = recall->processor->number;
    struct nt_thread *self = nt_self();

    for (unsigned i = 0; i < port_adapter_table_count; i++) {
        struct port_adapter *adapter =
            __atomic_load_n(&port_adapter_table[i].adapter, __ATOMIC_ACQUIRE);
        bool returned = false;
        if (!adapter)
            continue;
        if (__atomic_load_n(&adapter->attention.recall, __ATOMIC_ACQUIRE)) {
            struct port_adapter_share *share = &adapter->shares[number];
            nt_spinlock_acquire(&adapter->lock, self);
            while (share->free) {
                struct port_slot *slot = share->free;
                share->free = slot->next;
                share->free_count--;
                slot->next = adapter->pool;
                adapter->pool = slot;
                returned = true;
            }
            nt_spinlock_release(&adapter->lock, self);
        }
        for (struct port_unit *unit = __atomic_load_n(&adapter->units, __ATOMIC_ACQUIRE); unit;
             unit = __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE))
            recall_unit(recall->processor, unit, self);
        if (adapter->self)
            recall_unit(recall->processor, adapter->self, self);
        if (returned)
            port_dispatch_adapter(recall->processor, adapter);
    }
}

void port_recall_initialize(void)
{
    for (unsigned i = 0; i < nt_processor_count(); i++) {
        recalls[i] = (struct recall){.processor = nt_processor_get(i)};
        recalls[i].call.run = recall_run;
        recalls[i].call.context = &recalls[i];
    }
}

void port_recall_others(const struct nt_processor *except)
{
    for (unsigned i = 0; i < nt_processor_count(); i++)
        if (recalls[i].processor != except)
            nt_processor_post(recalls[i].processor, &recalls[i].call);
}

void port_recall_all(void)
{
    port_recall_others(NULL);
}

void port_recall_processors(uint64_t processors)
{
    for (; processors; processors &= processors - 1) {
        struct recall *recall = &recalls[__builtin_ctzll(processors)];
        nt_processor_post(recall->processor, &recall->call);
    }
}
