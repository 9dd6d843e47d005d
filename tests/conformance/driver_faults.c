/*
 * driver_faults.c - keeps cmocka's hands off the signals by which a driver reaches registers:
 * images load and store them as ordinary memory, and every such access is a fault that the host
 * answers.
 *
 * cmocka puts its handlers in place by signal() before each test; a program's own definition of it
 * is the one that the library finds.
 */
#include <signal.h>

__attribute__((visibility("default"))) __sighandler_t signal(int number, __sighandler_t handler)
{
    static const int of_host[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    struct sigaction action = {.sa_handler = handler}, before;

    for (unsigned i = 0; i < sizeof(of_host) / sizeof(of_host[0]); i++)
        if (number == of_host[i])
            return SIG_DFL;
    return sigaction(number, &action, &before) == 0 ? before.sa_handler : SIG_ERR;
}
