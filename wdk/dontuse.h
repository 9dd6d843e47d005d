/* Microsoft's kit forbids some C library routines here. There is nothing to forbid. */
#ifndef WDK_DONTUSE_H
#define WDK_DONTUSE_H
#endif
