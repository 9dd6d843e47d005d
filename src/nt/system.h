/*
 * system.h - which Windows the machine says that it is: that of the kit whose interface wdk/
 * describes, Windows 11 22H2 for amd64, not a server.
 */
#ifndef STORHOST_NT_SYSTEM_H
#define STORHOST_NT_SYSTEM_H

enum {
    NT_SYSTEM_MAJOR = 10,
    NT_SYSTEM_MINOR = 0,
    NT_SYSTEM_BUILD = 22621,
    NT_SYSTEM_PRODUCT_TYPE = 1,  /* a workstation */
    NT_SYSTEM_SUITE_MASK = 0x100 /* one interactive session */
};

#endif
