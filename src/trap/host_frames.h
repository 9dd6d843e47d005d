/*
 * host_frames.h - one step up the stack of the host's own code and of ELF modules, by DWARF call
 * frame information.
 *
 * The host's unwinders do not follow vector registers, which are a driver's to keep; compilers
 * describe them all the same.
 */
#ifndef STORHOST_TRAP_HOST_FRAMES_H
#define STORHOST_TRAP_HOST_FRAMES_H

#include <ntddk.h>
#include <stdbool.h>
#include <stdint.h>

/* From the registers of a function to those of its caller. `after_call`: context->Rip is where a
 * call returns to, and may lie behind the function's end; of the caller, too. `ret_function`: where
 * the function begins. Async-signal-safe. False: nothing describes the code, or it is the first of
 * its thread; the context is worth nothing then. */
bool host_frame_step(CONTEXT *context, bool *after_call, uint64_t *ret_function);

#endif
