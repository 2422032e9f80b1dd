#import <Foundation/Foundation.h>
#include <string.h>
#include <stdlib.h>
void nx_thread(void);            /* before the first message on a thread that Go made */
void nx_missing(Class c, SEL s); /* logs "missing -[Class sel]" once */
void nx_hook_dealloc(void);
void nx_hook_forward(void);
void nx_hook_events(void);
void nx_register_all(void);      /* generated: every protocol darwinkit names */
