/**
 * Ask the browser for a push subscription, through a service worker (its address, or one that is
 * registered). Rejects when the user says no or the browser cannot.
 */
export async function subscribe(
  vapidKey: string,
  serviceWorker: string | ServiceWorkerRegistration,
): Promise<PushSubscription> {
  if (!('serviceWorker' in navigator && 'PushManager' in globalThis))
    throw new Error('This browser has no web push');
  if ((await Notification.requestPermission()) !== 'granted')
    throw new Error('Notifications are not allowed');
  if (typeof serviceWorker === 'string') await navigator.serviceWorker.register(serviceWorker);
  const registration =
    typeof serviceWorker === 'string' ? await navigator.serviceWorker.ready : serviceWorker;
  const { pushManager } = registration;
  const ask = () =>
    pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: vapidKey });
  return ask().catch(async () => {
    // A subscription that another key made stands in the way.
    await (await pushManager.getSubscription())?.unsubscribe();
    return ask();
  });
}
