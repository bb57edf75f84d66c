#include "eventflux/sink.hpp"

namespace eventflux {

std::string to_text(const WriteToken& token) {
  return std::to_string(token.run) + '/' + std::to_string(token.epoch) + '/' +
         std::to_string(token.ordinal);
}

}  // namespace eventflux
