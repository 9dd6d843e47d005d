/*
 * trap.h - what a driver's code may do on its own machine and not in a process: load from and store
 * to the registers of a device directly (decision 7), and execute IN and OUT.
 *
 * A signal handler sees that an instruction of a driver has touched a window on a BAR or a port,
 * and only turns the thread to an entry in ordinary code. That carries the instruction out against
 * the device, at the driver's IRQL, with every register as it was, and goes on behind it. Anything
 * else that faults in a driver's code stops the machine with a report; a fault in the host's own
 * code goes to whoever handled it before.
 */
#ifndef STORHOST_TRAP_TRAP_H
#define STORHOST_TRAP_TRAP_H

#ifdef __cplusplus
extern "C" {
#endif

/* PASSIVE_LEVEL, before an adapter starts. Again: handlers of signals that the process has put in
 * meanwhile come after ours, as those that it had. 0 or a negative errno. */
int trap_install(void);
/* PASSIVE_LEVEL, when no driver's code runs any more: drops what is known of instructions, since
 * each image that comes and goes leaves some. */
void trap_forget(void);

#ifdef __cplusplus
}
#endif

#endif
