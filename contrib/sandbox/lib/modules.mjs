// The modules of a baresip that is started: the packaged ones, and our own.

import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { basename } from 'node:path';

import { BUILD, REPO } from './template.mjs';

/** Where the packaged baresip has its modules. */
const BARESIP_MODULES = process.env.MOD_PATH
	?? '/usr/lib/baresip/modules';

/** The phones' baresip, which may be another one than the bridge's. */
export const PHONE = process.env.PHONE_BARESIP ?? 'baresip';
export const PHONE_MODULES = process.env.PHONE_MOD_PATH ?? BARESIP_MODULES;

/** Ours are in place, or all in the folder BRIDGE_BUILD. */
const ourModules = () => readdirSync(`${REPO}/modules`)
	.map((name) => (process.env.BRIDGE_BUILD ? `${BUILD}/${name}.so`
		: `${REPO}/modules/${name}/${name}.so`)).filter(existsSync);

/** baresip has one module path: the packaged modules and more in one folder. */
export function linkModules(dir, more = ourModules(), own = BARESIP_MODULES) {
	rmSync(dir, { recursive: true, force: true });
	mkdirSync(dir);
	for (const name of readdirSync(own))
		symlinkSync(`${own}/${name}`, `${dir}/${name}`);
	for (const module of more) {
		rmSync(`${dir}/${basename(module)}`, { force: true });
		symlinkSync(module, `${dir}/${basename(module)}`);
	}
}
