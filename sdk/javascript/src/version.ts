/** How the SDK names itself; a test holds it to package.json. */
export const LIBRARY = { name: '@sojourn/javascript', version: '0.1.0' };
