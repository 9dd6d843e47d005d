/*
 * services.c - what of a driver may run by itself, taken together: timers, work items, threads.
 */
#include "storport/adapter.h"

void storport_services_initialize(struct storport_adapter *adapter)
{
    storport_timers_initialize(adapter);
    storport_workers_initialize(adapter);
    storport_threads_initialize(adapter);
    storport_state_change_initialize(adapter);
}

/* A timer may have queued a work item, and after the stop neither runs or is queued again. Threads
 * may end as late as in the driver's last callback. */
void storport_services_drain(struct storport_adapter *adapter)
{
    adapter->phase = STORPORT_STOPPED;
    storport_registry_quiet(adapter);
    storport_drain_timers(adapter);
    nt_work_drain(&adapter->state_change.work);
    storport_drain_workers(adapter);
}

void storport_services_destroy(struct storport_adapter *adapter)
{
    storport_join_threads(adapter);
    storport_services_drain(adapter);
    storport_report_workers(adapter);
    storport_handles_destroy(&adapter->timers);
    storport_handles_destroy(&adapter->workers);
    storport_handles_destroy(&adapter->threads);
}
