const NAME = 'platform-config-api:key';

// sessionStorage, so that the key outlives a reload of the page but not the browser tab it was typed into.

export const readKey = () => sessionStorage.getItem(NAME) ?? '';

export function storeKey(key) {
  if (key) {
    sessionStorage.setItem(NAME, key);
  } else {
    sessionStorage.removeItem(NAME);
  }
}
