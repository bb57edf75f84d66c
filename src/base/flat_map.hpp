#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

namespace eventflux::base {

/// Open-addressing hash map. Order of iteration means nothing and never reaches output.
template <class Key, class Value, class Hash = boost::hash<Key>, class Equal = std::equal_to<Key>>
using FlatMap = boost::unordered_flat_map<Key, Value, Hash, Equal>;

}  // namespace eventflux::base
