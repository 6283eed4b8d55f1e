// What asterisk-steer.test.mjs looks at, by the hub's one link.

process.env.AMI_WAY = 'hub';
await import('./asterisk-steer.test.mjs');
