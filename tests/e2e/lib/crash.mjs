// A process that is stopped must not crash on its way out.

const CRASHES = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE'];

/**
 * Stop a process. If it crashes, its file of tests fails at its end: thrown here,
 * in a hook, an error would leave all open that is to be closed after it.
 */
export async function stopWhole(child) {
	await child.stop();
	if (!CRASHES.includes(child.signal())) return;

	console.error(`${child.name} was ended by ${child.signal()}: ${child.log}`);
	process.exitCode = 1;
}
