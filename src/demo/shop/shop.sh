#!/bin/sh
# The shop: computes the total of the cart that customers have, and shows it on its page. It ends by itself after ten
# minutes, or when its folder is gone.
home=$(dirname "$0")
place=$1
round=0
while [ "$round" -lt 3000 ] && [ -d "$place" ]; do
  echo "total: $(sh "$home/total.sh" $(cat "$place/cart"))" >"$place/page.new" && mv "$place/page.new" "$place/page"
  round=$((round + 1))
  sleep 0.2
done
