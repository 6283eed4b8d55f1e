/**
 * @file office/interrupt.h  Who is interrupted puts things right first
 */

void interrupt_catch(void);
bool interrupt_was(void);
void interrupt_hold(void);
void interrupt_release(void);
void interrupt_forget(void);
