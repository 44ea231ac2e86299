(function () {
  'use strict';
  var page = document.body.dataset;
  var hosts = page.hosts ? page.hosts.split(' ') : [];
  var shop = '';
  function tell(more) {
    if (!shop) return;
    window.parent.postMessage(Object.assign({ kassa: 'page', id: page.payment, height: document.body.offsetHeight }, more), shop);
  }
  window.addEventListener('message', function (event) {
    if (event.source !== window.parent || !hosts.includes(event.origin) || !event.data || event.data.kassa !== 'hello') return;
    if (shop) return;
    shop = event.origin;
    tell({ event: page.event, redirectUrl: page.redirect, messageId: page.message });
    new ResizeObserver(function () { tell({}); }).observe(document.body);
    var terms = document.getElementById('terms');
    if (!terms || !event.data.terms) return;
    terms.addEventListener('click', function (click) {
      click.preventDefault();
      tell({ event: 'onPaymentToS', openUrl: terms.href });
    });
  });
})();
